"""Operations: what a server tells of itself from outside, and how it is checked, backed up and put
back. No rider ever asks here.
"""
