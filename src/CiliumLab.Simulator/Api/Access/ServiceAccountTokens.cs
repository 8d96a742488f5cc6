using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Tokens of service accounts: signed, for a time, and good only while the account is there (RFC 7519, with upstream's claims).</summary>
/// <param name="store">Where the accounts are.</param>
/// <param name="key">The key that signed before, PEM; null for a new one.</param>
internal sealed class ServiceAccountTokens(ObjectStore store, string? key = null) : IDisposable
{
    private const string Issuer = "https://kubernetes.default.svc.cluster.local";
    private const string Prefix = "system:serviceaccount:";

    private readonly ECDsa _key = KeyOf(key);

    /// <summary>The key that signs, PEM.</summary>
    public string Key => _key.ExportPkcs8PrivateKeyPem();

    /// <summary>The user that an account is.</summary>
    public static string UserName(string ns, string name) => $"{Prefix}{ns}:{name}";

    /// <summary>The user with its groups; null when the name is not an account's.</summary>
    public static ApiUser? UserOf(string userName)
    {
        var parts = userName.StartsWith(Prefix, StringComparison.Ordinal) ? userName[Prefix.Length..].Split(':') : [];
        return parts is [var ns, _] ? new(userName, ["system:serviceaccounts", $"system:serviceaccounts:{ns}", ApiUser.Authenticated]) : null;
    }

    private static ECDsa KeyOf(string? pem)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (pem is not null)
            key.ImportFromPem(pem);
        return key;
    }

    /// <summary>A token for an account.</summary>
    /// <param name="account">The account.</param>
    /// <param name="audiences">Whom it is for; the API server itself when there are none.</param>
    /// <param name="expires">When it is no longer good.</param>
    public string Issue(StoredObject account, IReadOnlyList<string> audiences, DateTimeOffset expires)
    {
        var now = store.Clock.GetUtcNow().ToUnixTimeSeconds();
        var header = new JsonObject { ["alg"] = "ES256", ["typ"] = "JWT" };
        var claims = new JsonObject
        {
            ["aud"] = new JsonArray([.. (audiences.Count == 0 ? [Issuer] : audiences).Select(static a => (JsonNode)a)]),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["iat"] = now,
            ["iss"] = Issuer,
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = new JsonObject
            {
                ["namespace"] = account.Namespace,
                ["serviceaccount"] = new JsonObject { ["name"] = account.Name, ["uid"] = account.Uid },
            },
            ["nbf"] = now,
            ["sub"] = UserName(account.Namespace, account.Name),
        };
        var content = $"{Base64Url.EncodeToString(header.ToUtf8())}.{Base64Url.EncodeToString(claims.ToUtf8())}";
        return $"{content}.{Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256))}";
    }

    /// <summary>Whose token it is; null when it is nobody's, or no longer.</summary>
    public ApiUser? Verify(string token)
    {
        if (token.Split('.') is not [var header, var body, var signature])
            return null;
        try
        {
            if (!_key.VerifyData(Encoding.ASCII.GetBytes($"{header}.{body}"), Base64Url.DecodeFromChars(signature), HashAlgorithmName.SHA256))
                return null;
            var claims = JsonNode.Parse(Base64Url.DecodeFromChars(body))!.AsObject();
            var (ns, name) = (claims.Text("kubernetes.io", "namespace") ?? "", claims.Text("kubernetes.io", "serviceaccount", "name") ?? "");
            var account = store.Find(ResourceTypes.ServiceAccounts, ns, name);
            return claims.Texts("aud").Contains(Issuer) && claims.Number("exp") > store.Clock.GetUtcNow().ToUnixTimeSeconds()
                && account is not null && account.Uid == claims.Text("kubernetes.io", "serviceaccount", "uid")
                ? UserOf(UserName(ns, name))! with { Uid = account.Uid }
                : null;
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _key.Dispose();
}
