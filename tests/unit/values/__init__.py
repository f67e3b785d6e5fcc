"""Tests of assets.values."""
