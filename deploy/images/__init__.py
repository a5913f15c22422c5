"""What the images of the services are made of, and what is known of it."""
