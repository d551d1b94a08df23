"""The demo agency: synthetic masters on file, and months of work through the real cycle.

`loading` maps the core's synthetic agency to records; `simulate` lets days pass: sessions come in,
claims go out to the simulated clearinghouse, answers come back and are posted. Nothing here takes a
short cut: the same functions serve a real practice.
"""
