-- A node that stops gives everything back. ARGV: node.

forget(ARGV[1])
return 1
