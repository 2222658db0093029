"""A certificate that says whatever one likes. Its signature is nothing: a scanner has to show it all the same."""

import base64


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
    """Common name, organisation, unit, place and e-mail address, as UTF8String whatever the octets are."""
    types = ("0603550403", "060355040a", "060355040b", "0603550407", "06092a864886f70d010901")
    return sequence(*[der(0x31, sequence(bytes.fromhex(each), der(0x0C, text))) for each in types])


def extension(identifier, content):
    return sequence(bytes.fromhex(identifier), der(0x04, content))


def certificate(subject, issuer, dns_names, text):
    """`text` is wherever else a certificate holds text: other alternative names, URLs, the notice of a policy."""
    alternatives = sequence(*[der(0x82, each) for each in dns_names],
                            der(0x81, text), der(0x86, text), der(0x87, b"abc"), der(0xA4, name(text)))
    access = sequence(*[sequence(bytes.fromhex("06082b060105050730" + kind), der(0x86, text)) for kind in ("01", "02")])
    points = sequence(sequence(der(0xA0, der(0xA0, der(0x86, text)))))
    notice = sequence(bytes.fromhex("06082b06010505070202"), sequence(der(0x0C, text)))
    policies = sequence(sequence(bytes.fromhex("06032a0304"), sequence(notice)))
    extensions = der(0xA3, sequence(extension("0603551d11", alternatives), extension("06082b06010505070101", access),
                                    extension("0603551d1f", points), extension("0603551d20", policies),
                                    extension("0603551d0e", text)))
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
    short = MARKUP + DIRECTIONS + CONTROLS
    leaf = certificate(everything, MARKUP + b"'\"", [MARKUP, DIRECTIONS, CONTROLS, NOT_UTF8, ENDLESS, b"ok.practice.test"], short)
    return [leaf, certificate(MARKUP + b"'\"", everything, [b"javascript:alert(1)"], b"javascript:alert(1)")]


def pem(certificates=None):
    lines = []
    for each in certificates or chain():
        text = base64.b64encode(each).decode()
        lines += ["-----BEGIN CERTIFICATE-----", *(text[i:i + 64] for i in range(0, len(text), 64)), "-----END CERTIFICATE-----"]
    return "\n".join(lines) + "\n"
