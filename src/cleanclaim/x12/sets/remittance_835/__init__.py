"""The remittance, 835 005010X221A1: read what a payer sent, write what the simulator sends."""

from cleanclaim.x12.sets.remittance_835.read import read_835
from cleanclaim.x12.sets.remittance_835.write import GUIDE, write_835

__all__ = ["GUIDE", "read_835", "write_835"]
