"""The web pages: coordinator, agency, family. Server-rendered; owns nothing but sessions."""
