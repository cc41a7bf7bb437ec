"""The questions that riders ask.

Pure: the instant is part of the question, and only the snapshot is read.
"""
