"""Consuming: progress and watermarks in MongoDB, parked keys, reactions and projections."""
