-- Gives places back. ARGV: node, session, session, …

for at = 2, #ARGV do drop(ARGV[1], ARGV[at]) end
return #ARGV - 1
