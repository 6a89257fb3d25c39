"""Everything that touches video bytes: looking at files from outside, preparing what customers get, pictures of it."""
