"""What a site's own layout says: root files, the scope of a link, where the terms are."""
