"""Who does it when: one worker's hands on the queue, and what it watches over."""
