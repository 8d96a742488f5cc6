using System.Text.RegularExpressions;

namespace CiliumLab.Simulator.Api;

/// <summary>Upstream's rules for names, with its complaints word for word.</summary>
internal static partial class NameRules
{
    private const string SubdomainComplaint =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an " +
        "alphanumeric character (e.g. 'example.com', regex used for validation is " +
        @"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    private const string LabelComplaint =
        "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an " +
        "alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";

    private const string ServiceComplaint =
        "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with " +
        "an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for validation is '[a-z]([-a-z0-9]*[a-z0-9])?')";

    private const string LabelValueComplaint =
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an " +
        "alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is " +
        "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

    private const string QualifiedComplaint =
        "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character " +
        "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

    /// <summary>Complaint about a DNS subdomain, or null.</summary>
    public static string? Subdomain(string name) =>
        name.Length > 253 ? "must be no more than 253 characters" : SubdomainPattern().IsMatch(name) ? null : SubdomainComplaint;

    /// <summary>Complaint about a DNS label, or null.</summary>
    public static string? Label(string name) =>
        name.Length > 63 ? "must be no more than 63 characters" : LabelPattern().IsMatch(name) ? null : LabelComplaint;

    /// <summary>Complaint about a service's name, or null.</summary>
    public static string? Service(string name) =>
        name.Length > 63 ? "must be no more than 63 characters" : ServicePattern().IsMatch(name) ? null : ServiceComplaint;

    /// <summary>Complaint about a name that goes into a path and nothing else (RBAC), or null.</summary>
    public static string? PathSegment(string name) =>
        name is "." or ".." ? $"may not be '{name}'" : name.Contains('/') ? "may not contain '/'" : name.Contains('%') ? "may not contain '%'" : null;

    /// <summary>Complaint about a label's value, or null.</summary>
    public static string? LabelValue(string value) =>
        value.Length > 63 ? "must be no more than 63 characters" : LabelValuePattern().IsMatch(value) ? null : LabelValueComplaint;

    /// <summary>Complaint about a label's key, an annotation's key, a taint's key or a finalizer; or null.</summary>
    public static string? Qualified(string key)
    {
        var slash = key.IndexOf('/', StringComparison.Ordinal);
        var name = key[(slash + 1)..];
        if (slash == 0)
            return "prefix part must be non-empty";
        if (slash > 0 && Subdomain(key[..slash]) is { } complaint)
            return "prefix part " + complaint;
        if (name.Length == 0)
            return "name part must be non-empty; " + QualifiedComplaint;
        if (name.Length > 63)
            return "name part must be no more than 63 characters";
        return QualifiedPattern().IsMatch(name) ? null : QualifiedComplaint;
    }

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*\z")]
    private static partial Regex SubdomainPattern();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex LabelPattern();

    [GeneratedRegex(@"^[a-z]([-a-z0-9]*[a-z0-9])?\z")]
    private static partial Regex ServicePattern();

    [GeneratedRegex(@"^(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?\z")]
    private static partial Regex LabelValuePattern();

    [GeneratedRegex(@"^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]\z")]
    private static partial Regex QualifiedPattern();
}
