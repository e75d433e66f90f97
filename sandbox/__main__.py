"""Start the sandbox: `python -m sandbox [--port 8001] [--state FILE]`."""

import argparse
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from sandbox.app import create_app, open_world
from sandbox.state import StateError


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        world = open_world(options.state, seed=options.seed)
    except StateError as error:
        return _give_up(str(error))
    try:
        listener = _listen(options.host, options.port)
    except OSError as error:
        where = f"{options.host}:{options.port}"
        return _give_up(f"The sandbox cannot listen on {where} ({error.strerror}). Choose another --port.")
    config = uvicorn.Config(
        create_app(world, state_file=options.state),
        log_level="warning",
        access_log=options.verbose,
        timeout_graceful_shutdown=2,
        lifespan="on",
    )
    sys.stdout.write(f"The pretend Meta is at http://{options.host}:{options.port}/\n")
    sys.stdout.flush()
    # uvicorn stops in good order and then raises the signal again: that is a clean end here.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return 0
    finally:
        listener.close()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A pretend Meta on this machine.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--state", type=Path, metavar="FILE", help="keep the world in this file")
    parser.add_argument("--seed", type=int, default=0, help="another number gives other ids")
    parser.add_argument("--verbose", action="store_true", help="log each request")
    return parser


def _listen(host: str, port: int) -> socket.socket:
    """Open the socket before anything else starts, so that a busy port is told at once."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def _give_up(sentence: str) -> int:
    sys.stderr.write(sentence + "\n")
    return 1


if __name__ == "__main__":
    sys.exit(main())
