"""How SSH sessions of ours are encrypted: AES first, which processors do themselves.

asyncssh's chacha20-poly1305 takes eight times as long a packet as its AES in GCM (OpenSSH and all others speak both),
and is what CVE-2023-48795 cut packets from; so our server does not offer it, and our client takes it only from hosts
that have nothing else.
"""

from __future__ import annotations

AES = ("aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes192-ctr", "aes256-ctr")
ANY = (*AES, "chacha20-poly1305@openssh.com")
