"""What the partner service does, called by HTTP and by events alike."""
