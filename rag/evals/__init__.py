"""The measuring stick: public data sets run through the product's own service, beside stock rivals.

    set's files ──> Task ──> every System ranks ──> metrics ──> Table ──> print, JSON, docs/SCORECARD.md

Data is read from a path that the caller gives; none of it is part of the project. Nothing of the
product imports this.
"""
