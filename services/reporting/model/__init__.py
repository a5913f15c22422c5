"""What reporting computes: read models, stages, and what may be published of them. All pure."""
