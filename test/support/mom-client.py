"""Calls MOM's verbs as a program that steers MOM does: with xmlrpc.client, over a port or a unix socket.

The argument is the address: unix:PATH or HOST:PORT. Standard input has a JSON list of [verb, parameters]; standard output gets what
each call returned, or its fault.
"""

import http.client
import json
import socket
import sys
import xmlrpc.client


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self.path)


class UnixTransport(xmlrpc.client.Transport):
    def __init__(self, path):
        super().__init__()
        self.path = path

    def make_connection(self, host):
        # MOM's own client writes the path there, in base 16.
        return UnixConnection(self.path)


address = sys.argv[1]
if address.startswith("unix:"):
    path = address[len("unix:"):]
    proxy = xmlrpc.client.ServerProxy(
        "http://" + path.encode().hex(), transport=UnixTransport(path), allow_none=True
    )
else:
    proxy = xmlrpc.client.ServerProxy("http://" + address)

results = []
for verb, parameters in json.load(sys.stdin):
    try:
        results.append({"result": getattr(proxy, verb)(*parameters)})
    except xmlrpc.client.Fault as fault:
        results.append({"fault": [fault.faultCode, fault.faultString]})
    except xmlrpc.client.ProtocolError as error:
        results.append({"status": error.errcode})
json.dump(results, sys.stdout)
