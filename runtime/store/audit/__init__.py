"""The audit trail: the chain of hashes over the record, its signed heads, its export, and what verifies them."""
