"""The gRPC services. Each method reads a request, calls one object of the server and returns a response."""
