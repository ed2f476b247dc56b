"""Whether a sentence follows from another: by its words, by what they do to each other, and by who says so.

parse ──> predicates with their parts ──> matched part by part ──> Inference
"""
