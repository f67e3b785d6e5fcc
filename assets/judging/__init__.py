"""From raw text to a judged year: parsed, placed, superseded, validated, split by outcome."""
