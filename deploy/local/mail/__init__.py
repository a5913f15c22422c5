"""A mail server that keeps everything and delivers nothing, with a page to read it on.

`python -m deploy.local.mail --smtp-port 8425 --http-port 8407 --home FOLDER`

Mail that the local system sends to invented people ends here. The page is at the HTTP port;
programs use `GET /api/messages?to=ADDRESS` and `DELETE /api/messages`.
"""
