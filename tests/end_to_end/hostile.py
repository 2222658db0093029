"""A certificate that says whatever one likes. Its signature is nothing: a scanner has to show it all the same."""


def der(tag, *content):
    body = b"".join(content)
    length = len(body)
    if length < 128:
        return bytes([tag, length]) + body
    octets = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(octets)]) + octets + body


def sequence(*content):
    return der(0x30, *content)


ECDSA_SHA256 = sequence(bytes.fromhex("06082a8648ce3d040302"))
# The generator of P-256 (SEC 2, 2.4.2): a public key like any other.
P256_KEY = sequence(
    sequence(bytes.fromhex("06072a8648ce3d0201"), bytes.fromhex("06082a8648ce3d030107")),
    der(0x03, b"\0\x04" + bytes.fromhex(
        "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
        "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")))


def name(text):
    """One common name, as UTF8String whatever its octets are."""
    return sequence(der(0x31, sequence(bytes.fromhex("0603550403"), der(0x0C, text))))


def certificate(subject, issuer, dns_names):
    alternatives = sequence(*[der(0x82, each) for each in dns_names])
    extensions = der(0xA3, sequence(sequence(bytes.fromhex("0603551d11"), der(0x04, alternatives))))
    tbs = sequence(
        der(0xA0, bytes.fromhex("020102")), bytes.fromhex("02020539"), ECDSA_SHA256, name(issuer),
        sequence(der(0x17, b"260101000000Z"), der(0x17, b"261231000000Z")), name(subject), P256_KEY, extensions)
    return sequence(tbs, ECDSA_SHA256, der(0x03, b"\0", sequence(bytes.fromhex("020101"), bytes.fromhex("020101"))))


MARKUP = b"</title></style></script><script>document.title='broken'</script><img src=x onerror=\"document.title='broken'\">"
DIRECTIONS = "\u202e\u2066gnp.exe\u2069\u200f\u061c".encode()
CONTROLS = b"\x1b[31m\x07\x00\x08\r\n\t" + "\u2028\u0085".encode()
ENDLESS = b"W" * 65536
NOT_UTF8 = b"caf\xe9 \xc0\xaf"


def chain():
    """Leaf and issuer. OpenSSL reads no distinguished name that is not UTF-8, so that is in an alternative name only."""
    everything = MARKUP + DIRECTIONS + CONTROLS + ENDLESS
    leaf = certificate(everything, MARKUP + b"'\"", [MARKUP, DIRECTIONS, CONTROLS, NOT_UTF8, ENDLESS, b"ok.practice.test"])
    return [leaf, certificate(MARKUP + b"'\"", everything, [b"javascript:alert(1)"])]
