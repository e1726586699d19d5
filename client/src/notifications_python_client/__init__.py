"""Send texts, emails and letters through Pillarbox or GOV.UK Notify."""
