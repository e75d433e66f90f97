"""Product sets at Meta, made of tags and categories."""
