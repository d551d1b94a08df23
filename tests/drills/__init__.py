"""Drills: promises that are only believed after they were seen to fail. Short in `make test`, full in `make drills`."""
