"""What partner decides, without a web framework, a database, a broker or a clock."""
