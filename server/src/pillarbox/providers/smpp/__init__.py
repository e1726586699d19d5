"""Texts by SMPP 3.4, the protocol of mobile networks' short message centres (SMSCs)."""
