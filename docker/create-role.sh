#!/bin/sh
# Run once by the postgres image, on an empty volume: the application's role is no superuser, so that
# row-level security binds it.
set -eu
psql --set ON_ERROR_STOP=1 --set password="$DATABASE_PASSWORD" --username postgres --dbname postgres << 'SQL'
CREATE ROLE stormcom LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD :'password';
CREATE DATABASE stormcom OWNER stormcom ENCODING 'UTF8';
SQL
