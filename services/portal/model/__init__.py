"""What the pages make of the services' answers: situations and sentences. Pure."""
