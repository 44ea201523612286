"""The roster: a workbook comes in, is read, checked cell by cell, and loaded as a whole or not at all."""
