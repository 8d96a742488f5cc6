using System.Globalization;
using System.Management.Automation;

namespace CiliumLab.Host.Terminal;

/// <summary>Progress on one line that is wiped before anything else is written. Where nobody watches, there is none.</summary>
internal sealed class ProgressLine(TerminalStream stream)
{
    private const string Wipe = "\r\u001b[K";

    private readonly Lock _lock = new();
    private readonly List<ProgressRecord> _active = [];
    private bool _shown;

    public void Show(ProgressRecord record)
    {
        if (!stream.IsTerminal)
            return;
        lock (_lock)
        {
            _active.RemoveAll(active => active.ActivityId == record.ActivityId);
            if (record.RecordType != ProgressRecordType.Completed)
                _active.Add(record);
            Erase();
            if (_active.Count > 0)
                Draw(_active[^1]);
        }
    }

    public void Clear()
    {
        lock (_lock)
            Erase();
    }

    private void Draw(ProgressRecord record)
    {
        var percent = record.PercentComplete < 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {record.PercentComplete}%");
        var others = _active.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $" (+{_active.Count - 1})") : "";
        var text = $"{record.Activity}: {record.StatusDescription}{percent}{others}".ReplaceLineEndings(" ");
        var width = Math.Max(10, TerminalScreen.Width - 1);
        Console.Error.Write(text.Length > width ? text[..width] : text);
        _shown = true;
    }

    private void Erase()
    {
        if (!_shown)
            return;
        Console.Error.Write(Wipe);
        _shown = false;
    }
}
