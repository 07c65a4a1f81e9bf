"""Whether the files were read as they are meant, asked of the physics once forces are predicted.

A wrong unit, sign, orientation or order of atoms leaves traces that softening does not have. What is found becomes a
`ReadingDoubt`: it withholds the verdict and proposes the reading that fits.
"""
