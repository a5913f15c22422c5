"""The carrier simulator: Twilio's Messages API, with a phone for every number in a web page.

Nobody is really texted. The product talks to it exactly as it talks to Twilio: HTTP Basic
authentication, form bodies, Twilio's error shape, signed callbacks that are retried and survive
a restart. Families' phones are pages, on which a person reads the texts and answers them.

TWILIO'S SIDE
  POST   /2010-04-01/Accounts/{sid}/Messages.json        To, From or MessagingServiceSid, Body,
                                                         StatusCallback
  GET    /2010-04-01/Accounts/{sid}/Messages.json        To, From, DateSent, DateSent<, DateSent>,
                                                         PageSize, PageToken
  GET    /2010-04-01/Accounts/{sid}/Messages/{sid}.json
  POST   /2010-04-01/Accounts/{sid}/Messages/{sid}.json  Body= (empty) redacts the text
  DELETE /2010-04-01/Accounts/{sid}/Messages/{sid}.json

A status callback is POSTed for queued, sent and delivered (or undelivered, failed); an answer of
the family is POSTed to the inbound address, and <Message> in a TwiML reply is texted back. Both
carry X-Twilio-Signature and the same I-Twilio-Idempotency-Token on every attempt. Success is 2xx
within 15 seconds; anything else, a redirect too, is tried again after each of the retry delays.

THE TEST'S SIDE (JSON)
  GET    /sim/phones                      every number, with counts
  GET    /sim/phones/{number}/messages    both directions, with status history and deliveries
  POST   /sim/phones/{number}/messages    {"body": "...", "to": "+1..."}: the family texts; without
                                          "to" it answers the number that texted it last
  GET    /sim/ledger                      every message accepted by the API, and every refusal
  DELETE /sim/messages                    forgets messages, refusals and waiting deliveries
  GET, DELETE /sim/opt-outs               who answered STOP to which number
  GET, PUT    /sim/rules                  what goes wrong, see below; PUT replaces the list
  GET, PUT    /sim/settings               inbound_url, latency_seconds, retry_seconds; a field left
                                          out keeps its value
  GET    /sim/deliveries                  webhooks waiting, done and failed (?state=failed)
  POST   /sim/deliveries/retry            tries the failed ones again
  GET    /health                          readiness

OPT-OUT
  STOP, STOPALL, UNSUBSCRIBE, CANCEL, END, QUIT, REVOKE and OPTOUT, alone in a text, opt a phone out
  of the number it answers (and of that number's messaging service); START, YES and UNSTOP opt it in
  again; HELP and INFO get an answer. The carrier confirms by itself, in English, as Twilio does by
  default, and still hands the text to the inbound address. Texts to an opted-out phone are refused
  with 21610.

MAGIC NUMBERS
  To    +15005550001 21211 invalid           +15005550002 21612 cannot be routed
        +15005550003 21408 no permission     +15005550004 21610 opted out
        +15005550009 21614 no texts there    +15005553003 30003 accepted, then undelivered
        +15005553007 30007 accepted, then undelivered (filtered)
        +15005550429 20429 HTTP 429 with Retry-After
  From  +15005550001 21212 invalid           +15005550007 21606 not the account's
        +15005550008 21611 its queue is full

RULES
  A rule is {"action": ..., "match": ..., "contains": ..., "times": ...} and the action's fields.
  match     the family's number, or a pattern with * ? [..], "*" when left out
  contains  only texts with these words in them
  times     how often it applies, for ever when left out
  Every rule that matches applies; of two with the same action and the same "of", the first.
  "of" is "callbacks" (the default) or "inbound".

  fail       code; status "undelivered" (default) or "failed"; http_status; retry_after_seconds.
             Codes 30000-39999: accepted, then undelivered with that ErrorCode, for example 30003
             (unreachable handset), 30007 (filtered). Others: refused at once, for example 21211
             (invalid To), 21610 (opted out), 21612 (cannot be routed), 20429 (HTTP 429 with
             Retry-After), 20503 (HTTP 503).
  hang       seconds (default 60): accepted, texted and called back, but the HTTP answer never
             comes; a client that waits longer gets 504.
  delay      seconds; of: every status after queued is that much later, or the inbound webhook is.
  hold       status "queued" or "sent": it never gets further.
  reorder    callbacks arrive last status first.
  duplicate  copies (default 2 in all); of: each webhook is sent that many times.
  drop       of; statuses (default all): those webhooks are never sent; the message itself moves on.

Limits: it carries texts only (no media, schedules or content templates), and keeps the newest
messages (20,000 by default).
"""
