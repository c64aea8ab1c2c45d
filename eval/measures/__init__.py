"""One measure a module: what it asks, its source, and how "could not be judged" is kept apart.

`retrieval`     does the search bring the passages that answer
`citations`     do the citations lead to what answers, and are they exact
`faithfulness`  do the quotations support what the answer says
`correctness`   does the answer hold the facts that a right answer holds
`abstention`    does it answer what can be answered and refuse the rest; is its confidence a probability
"""
