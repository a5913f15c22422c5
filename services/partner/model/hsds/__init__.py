"""The directory in the words of Open Referral HSDS 3.0. Pure."""
