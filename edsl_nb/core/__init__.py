"""Layer 0: errors, settings, list rows, templates, tables and late binding. Imports nothing above itself."""
