-- Where a customer's own client keeps the picture of the code alone, in that client's words.
ALTER TABLE placements ADD COLUMN qr_code_url TEXT;
