"""Conversions between gRPC and the server: messages, errors, pages of lists, health."""
