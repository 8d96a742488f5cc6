using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Http;

namespace CiliumLab.Simulator.Api;

/// <summary>Who sent a request.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Groups">The groups, <c>system:authenticated</c> among them.</param>
internal sealed record ApiUser(string Name, ImmutableArray<string> Groups)
{
    /// <summary>The group of everybody who was recognized.</summary>
    public const string Authenticated = "system:authenticated";

    /// <summary>The user that nobody is.</summary>
    public const string Anonymous = "system:anonymous";

    /// <summary>The identifier of a service account; empty for people.</summary>
    public string Uid { get; init; } = "";
}

/// <summary>Tells who sent a request: a client certificate of the cluster's authority, or a bearer token.</summary>
internal sealed class Authentication(ClusterCertificates certificates, ObjectStore store, string? tokenKey = null) : IDisposable
{
    private readonly ConcurrentDictionary<string, ApiUser> _tokens = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ApiUser> _known = new(StringComparer.Ordinal);

    /// <summary>Tokens of service accounts.</summary>
    public ServiceAccountTokens ServiceAccounts { get; } = new(store, tokenKey);

    /// <summary>Makes a token for a user.</summary>
    public string IssueToken(string user, params ReadOnlySpan<string> groups)
    {
        var token = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
        _tokens[token] = new(user, [.. groups, ApiUser.Authenticated]);
        return token;
    }

    /// <summary>The sender, or null when nobody vouches for it.</summary>
    public ApiUser? Of(HttpContext context)
    {
        if (context.Connection.ClientCertificate is { } certificate)
        {
            // a connection sends many requests; its chain is built once
            var print = certificate.Thumbprint;
            if (_known.TryGetValue(print, out var known))
                return known;
            if (certificates.Vouches(certificate))
                return _known.GetOrAdd(print, FromSubject(certificate));
        }
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? OfToken(header[7..].Trim()) : null;
    }

    /// <summary>Whose token it is, or null.</summary>
    public ApiUser? OfToken(string token) => _tokens.GetValueOrDefault(token) ?? ServiceAccounts.Verify(token);

    /// <inheritdoc/>
    public void Dispose() => ServiceAccounts.Dispose();

    private static ApiUser FromSubject(X509Certificate2 certificate)
    {
        var name = "";
        var groups = ImmutableArray.CreateBuilder<string>();
        foreach (var part in certificate.SubjectName.EnumerateRelativeDistinguishedNames())
        {
            if (part.HasMultipleElements)
                continue;
            if (part.GetSingleElementType().Value == "2.5.4.3")
                name = part.GetSingleElementValue() ?? "";
            else if (part.GetSingleElementType().Value == "2.5.4.10" && part.GetSingleElementValue() is { } group)
                groups.Add(group);
        }
        groups.Add(ApiUser.Authenticated);
        return new(name, groups.ToImmutable());
    }
}
