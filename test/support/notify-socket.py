# Prints what is sent to a notify socket, one line for each datagram. Node.js has no unix datagrams.
import socket, sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
print("listening", flush=True)
while True:
    # systemd-notify waits until the descriptors that it sends as a barrier are closed.
    data, descriptors, _flags, _address = socket.recv_fds(listener, 4096, 8)
    for descriptor in descriptors:
        __import__("os").close(descriptor)
    print(" ".join(data.decode().split("\n")).strip(), flush=True)
