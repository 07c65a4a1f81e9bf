"""JSON documents that hold structures with forces."""
