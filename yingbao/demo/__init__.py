"""The demonstration: a synthetic Pingjin in the files an office would hold, and one season in it. Nobody is real."""
