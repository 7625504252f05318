SITEURL = 'https://example.org'
