using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>One broken rule, worded as apimachinery's <c>field.Error</c>.</summary>
/// <param name="Reason">The cause's reason, for instance <c>FieldValueRequired</c>.</param>
/// <param name="Field">The path of the field.</param>
/// <param name="Body">What is wrong, without the path.</param>
internal sealed record FieldError(string Reason, string Field, string Body)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Field}: {Body}";
}

/// <summary>Collects the broken rules of one object.</summary>
internal sealed class FieldErrors
{
    private readonly List<FieldError> _errors = [];

    /// <summary>What was found so far.</summary>
    public IReadOnlyList<FieldError> All => _errors;

    /// <summary>A field that must be there is not.</summary>
    public void Required(string field, string detail = "") =>
        _errors.Add(new("FieldValueRequired", field, detail.Length == 0 ? "Required value" : "Required value: " + detail));

    /// <summary>A value that the field cannot have.</summary>
    public void Invalid(string field, JsonNode? value, string detail) => _errors.Add(new("FieldValueInvalid", field,
        $"Invalid value: {Shown(value)}: {detail}"));

    /// <summary>A value that the field cannot have, shown as Go prints it.</summary>
    public void InvalidGo(string field, string shown, string detail) => _errors.Add(new("FieldValueInvalid", field,
        $"Invalid value: {shown}: {detail}"));

    /// <summary>A value outside a fixed set.</summary>
    public void NotSupported(string field, JsonNode? value, params ReadOnlySpan<string> supported) => _errors.Add(new(
        "FieldValueNotSupported", field,
        $"Unsupported value: {Shown(value)}: supported values: {string.Join(", ", supported.ToArray().Select(static s => $"\"{s}\""))}"));

    /// <summary>A value outside a fixed set, shown as Go prints it.</summary>
    public void NotSupportedGo(string field, string shown, params ReadOnlySpan<string> supported) => _errors.Add(new(
        "FieldValueNotSupported", field, $"Unsupported value: {shown}: supported values: {string.Join(", ", supported.ToArray().Select(static s => $"\"{s}\""))}"));

    /// <summary>Only these errors.</summary>
    public static FieldErrors Of(Action<FieldErrors> find)
    {
        var errors = new FieldErrors();
        find(errors);
        return errors;
    }

    /// <summary>A value that must be unique is not.</summary>
    public void Duplicate(string field, JsonNode? value) =>
        _errors.Add(new("FieldValueDuplicate", field, $"Duplicate value: {Shown(value)}"));

    /// <summary>Something that may not be done to the field.</summary>
    public void Forbidden(string field, string detail) =>
        _errors.Add(new("FieldValueForbidden", field, $"Forbidden: {detail}"));

    /// <summary>A value that names something that is not there.</summary>
    public void NotFound(string field, JsonNode? value) =>
        _errors.Add(new("FieldValueNotFound", field, $"Not found: {Shown(value)}"));

    /// <summary>A value of the wrong JSON type, as CRD schema validation says it.</summary>
    public void WrongType(string field, string found, string detail) =>
        _errors.Add(new("FieldValueTypeInvalid", field, $"Invalid value: \"{found}\": {detail}"));

    private static string Shown(JsonNode? value) => value is null ? "null" : value.ToJsonString(JsonFields.Plain);
}
