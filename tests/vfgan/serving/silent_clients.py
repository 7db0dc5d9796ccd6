"""Clients that send a head and nothing more."""

import socket


def silent_rest(server, count):
    """Connections that have sent a head."""
    found = [socket.create_connection(("127.0.0.1", server.server.rest_port), timeout=20) for _ in range(count)]
    for connection in found:
        connection.sendall(b"POST /v1/models/half:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n")
    return found
